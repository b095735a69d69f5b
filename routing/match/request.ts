/** What matching sees of header fields, whichever protocol they came by. */
export interface FieldReader {
  /** The value of a name given in lower case; several fields of one name are joined with `,` (RFC 9110 section 5.3). */
  get(lowerCaseName: string): string | undefined;
}

/** What matching sees of a request. */
export type MatchRequest = {
  readonly method: string;
  /** As received: without its query, not percent-decoded. */
  readonly path: string;
  /** As received: without the `?`, empty when there is none. */
  readonly query: string;
  readonly headers: FieldReader;
};
