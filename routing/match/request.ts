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
  /** Host, or what stands in its place (`:authority`, absolute form): what a match on the header `host` sees. */
  readonly authority?: string;
  readonly headers: FieldReader;
};

/** The value that a header match of this lower case name sees. */
export function headerOf(request: MatchRequest, name: string): string | undefined {
  if (name !== 'host') return request.headers.get(name);
  return request.authority === '' ? undefined : request.authority;
}
