/** A transform as people write them: adds a computed field. */
export default record => ({ ...record, late: Number(record.delay) > 15 });
