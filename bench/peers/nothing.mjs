// A function that is handed batches of records and does nothing with them.
export default function nothing() {}
