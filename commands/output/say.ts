/** A line for people, at once: what takes its time tells how far it is. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
