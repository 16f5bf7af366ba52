/** What JSON can hold; what positions, marks and identities are made of, so that a checkpoint can store them. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}
