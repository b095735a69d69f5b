/** What routing and filters see of header fields, whichever protocol they came by. Names are given in lower case. */
export interface FieldReader {
  /** The value; several fields of one name are joined with `,` (RFC 9110 section 5.3). */
  get(name: string): string | undefined;
}
