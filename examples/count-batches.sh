#!/bin/sh
# A command to try `tranche` with: tranche copy fixtures/flights-20k.csv 'exec:sh examples/count-batches.sh'
#
# It reads a batch, one JSON object a line, and adds a line about it to batches.txt.
records=$(wc -l) || exit 75 # tried again later
echo "batch $TRANCHE_BATCH, attempt $TRANCHE_ATTEMPT: $((records)) flights" >> batches.txt
