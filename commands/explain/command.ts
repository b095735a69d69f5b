import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { CannotLook } from '../cannotLook.ts';
import { print } from '../output/print.ts';
import { collect, type LookOptions, type OutputOption, parseClient, withLook, withOutput } from '../options.ts';
import { look } from '../mesh/look.ts';
import { findPlace } from '../mesh/place.ts';
import { parseRequest } from '../request/parseRequest.ts';
import { isLine, parseLine } from '../request/parseLine.ts';
import { explainAsked } from './explainAsked.ts';
import { explainLine } from './explainLine.ts';
import { isError } from './outcome.ts';
import { renderExplained, renderLine } from './render.ts';

type Options = LookOptions &
  OutputOption & {
    readonly header?: readonly string[];
    readonly from?: ReturnType<typeof parseClient>;
  };

const examples = `
Examples:
  Where does this request go, by what is in the cluster now?
    $ heddle explain http://cart.shop/pay/42
  The same by a folder of YAML, for a tester, as a pod of another namespace sees it:
    $ heddle explain GET http://cart.shop/cart -H 'x-user: tester' --from bank/teller -f manifests/
  What decided this line of a sidecar's log, and would it be decided the same now?
    $ kubectl -n shop logs client-7c4d -c heddle-sidecar | tail -n 1 | heddle explain -

Exit code: 0 if every request like this one is sent on or redirected, 1 if some are answered with an error,
or another rule than that of the line takes it now; 2 if that could not be found out.`;

/** Adds \`heddle explain\`. */
export function addExplain(program: Command): void {
  const command = program
    .command('explain')
    .summary('where a request goes, which rule takes it and why no other does')
    .description(
      'Says where a request goes: to which port of which Service, which routes apply there, which rule takes it and why no other does, what filters make of it, and which endpoints may get it. It is decided by the code of the sidecar; nothing is sent.',
    )
    .usage('[options] [METHOD] <url>|<line>|-')
    .argument(
      '<url...>',
      "what is called, as in http://cart.shop/pay/42, with the method before it unless it is GET; or a line of a sidecar's log, or - to read one",
    )
    .option('-H, --header <line>', "a header of the request, as in 'x-user: tester'; may stand several times", collect)
    .option('--from <client>', 'who asks: a namespace, or namespace/pod', parseClient)
    .addHelpText('after', examples);
  withOutput(withLook(command)).action(run);
}

async function run(words: readonly string[], options: Options): Promise<void> {
  const [first = ''] = words;
  if (first === '-' || isLine(first)) return runLine(words.length > 1 ? words.join(' ') : first, options);
  const asked = parseRequest(words, options.header ?? []);
  const { from } = options;
  const { mesh, namespace, notes } = await look(options, namespacesOf(asked.host, from?.namespace), from);
  const explained = explainAsked(mesh, asked, { from, namespace });
  const told = { ...explained, notes: [...explained.notes, ...notes] };
  process.stdout.write(print(told, options.output, renderExplained));
  if (told.outcomes.some((outcome) => outcome.type === 'Answered' && isError(outcome))) process.exitCode = 1;
}

async function runLine(word: string, options: Options): Promise<void> {
  const [first = '', ...rest] = word === '-' ? await readLines() : [word];
  const line = parseLine(first);
  const [namespace = ''] = line.service.split('/');
  const { from } = options;
  const { mesh, notes } = await look(options, [...new Set([namespace, from?.namespace ?? namespace])], from);
  const client = from && { ...from, place: findPlace(mesh, from.namespace, from.pod) };
  const explained = explainLine(mesh, line, client);
  const left = rest.length === 0 ? [] : [onlyFirst(rest.length)];
  const told = { ...explained, notes: [...explained.notes, ...left, ...notes] };
  process.stdout.write(print(told, options.output, renderLine));
  if (!told.line.isSameRule) process.exitCode = 1;
}

/** The lines of standard input that have anything in them. Throws CannotLook where there is none. */
async function readLines(): Promise<readonly string[]> {
  const lines = (await text(process.stdin)).split('\n');
  const written = lines.filter((line) => line.trim() !== '');
  if (written.length === 0)
    throw new CannotLook(
      "standard input is empty; send a line of a sidecar's log to it, as in: tail -n 1 log | heddle explain -",
    );
  return written;
}

function onlyFirst(others: number): string {
  const count = others === 1 ? 'another line' : `${others} more lines`;
  return `standard input has ${count}, which nothing was said of: only the first is explained; send one at a time`;
}

/** Of the Service and the client, for who may not list more. */
function namespacesOf(host: string, client: string | undefined): readonly string[] {
  const [, namespace] = host.split('.');
  return [...new Set([namespace, client].filter((name) => name !== undefined))];
}
