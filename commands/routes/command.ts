import type { Command } from 'commander';
import { printName } from '../../agent/translate/compare.ts';
import { hasClusterIP } from '../../agent/translate/parents.ts';
import { CannotLook } from '../cannotLook.ts';
import { look } from '../mesh/look.ts';
import { type LookOptions, type OutputOption, parseClient, withLook, withOutput } from '../options.ts';
import { print } from '../output/print.ts';
import { findService } from '../request/findPort.ts';
import { listRoutes } from './listRoutes.ts';
import { renderRoutes } from './render.ts';

type Options = LookOptions & OutputOption & { readonly from?: ReturnType<typeof parseClient> };

const examples = `
Examples:
    $ heddle routes cart.shop
    $ heddle routes cart -n shop --from bank -f manifests/`;

/** Adds \`heddle routes\`. */
export function addRoutes(program: Command): void {
  const command = program
    .command('routes')
    .summary('the merged rules of each port of a Service, in the order in which they are tried')
    .description(
      'Lists the matches of all routes at each port of a Service in the order in which a sidecar tries them, with what their rules do; and which routes apply, and why others do not.',
    )
    .argument('<service>', 'name, name.namespace or namespace/name of the Service')
    .option('--from <client>', 'as clients of this namespace see it', parseClient)
    .addHelpText('after', examples);
  withOutput(withLook(command)).action(run);
}

async function run(given: string, options: Options): Promise<void> {
  const host = given.includes('/') ? given.split('/').toReversed().join('.') : given;
  const { from } = options;
  const namespaces = [host.split('.')[1], from?.namespace].filter((name) => name !== undefined);
  const { mesh, namespace, notes } = await look(options, namespaces);
  const service = findService(mesh, host, namespace);
  if (!hasClusterIP(service))
    throw new CannotLook(`Service ${printName(service.meta)} has no address of its own, so no route applies to it`);
  const ports = listRoutes(mesh, service, from?.namespace ?? service.meta.namespace);
  process.stdout.write(print(ports, options.output, renderRoutes));
  for (const note of notes) process.stderr.write(`heddle: ${note}\n`);
}
