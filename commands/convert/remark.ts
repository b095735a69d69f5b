/**
 * What is to be told of a conversion. `lost`: the routes do not say it, or say it otherwise. `note`: nothing is lost, but
 * somebody has to know or do it.
 */
export type Remark = {
  readonly type: 'lost' | 'note';
  /** `Ingress shop/web`. */
  readonly object: string;
  /** Where in it: `spec.http[0].fault`. Empty where it concerns all of it. */
  readonly path: string;
  readonly message: string;
};

export type Tell = (remark: Omit<Remark, 'object'>) => void;

/** A remark in one line, whatever is cited in it: as a comment of YAML it ends where any version of YAML begins a line. */
export function sentence({ object, path, message }: Remark): string {
  const words = path === '' ? `${object}: ${message}` : `${object}: ${path}: ${message}`;
  return words.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
