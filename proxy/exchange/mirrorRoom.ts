// Each may hold a body: so much memory, and so many connections, may mirrors take in all and of one backend.
const maxUnderWay = 128;
const maxOfBackend = 32;

let underWay = 0;
const ofBackends = new Map<string, number>();

/** Takes a place for one more mirrored request to this backend; false when too many are under way. */
export function enterMirror(backend: string): boolean {
  const count = ofBackends.get(backend) ?? 0;
  if (underWay >= maxUnderWay || count >= maxOfBackend) return false;
  underWay++;
  ofBackends.set(backend, count + 1);
  return true;
}

/** Gives it back. */
export function leaveMirror(backend: string): void {
  underWay--;
  const count = (ofBackends.get(backend) ?? 1) - 1;
  if (count === 0) ofBackends.delete(backend);
  else ofBackends.set(backend, count);
}
