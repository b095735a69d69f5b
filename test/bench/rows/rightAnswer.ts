import type { Running } from '../candidates/candidate.ts';
import type { BenchGround } from '../ground.ts';

/** Why a rule is left out: what it says is not built, so that it is answered 500. */
export async function rightAnswer({ namespace }: BenchGround, { address, port }: Running): Promise<string | undefined> {
  const command = ['curl', '-s', '-m', '5', '-o', '/dev/null', '-w', '%{http_code}', `http://${address}:${port}/`];
  const { stdout } = await namespace.run({ command });
  return stdout === '200' ? undefined : `it answers ${stdout}`;
}
