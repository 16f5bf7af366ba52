import fc from 'fast-check';

/**
 * Any character that UTF-8 can hold, those that need quoting more often than others: as `unit` of `fc.string`.
 * (The ready-made unit `binary` takes over a second to be prepared.)
 */
export const anyCharacter: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('"', "'", '`', '\\', ';', ',', '\n', '\r', '\0', ' ', '%', '/', '😀'),
  fc.integer({ min: 0, max: 0x7f }).map(code => String.fromCodePoint(code)),
  fc
    .integer({ min: 0, max: 0x10ffff - 0x800 })
    .map(code => String.fromCodePoint(code < 0xd800 ? code : code + 0x800)),
);
