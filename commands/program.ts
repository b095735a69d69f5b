import { Command } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import type { RoleName } from '../contract/roles.ts';
import { addCheck } from './check/command.ts';
import { addCompletion } from './completion/command.ts';
import { addConvert } from './convert/command.ts';
import { addDiff } from './diff/command.ts';
import { addExplain } from './explain/command.ts';
import { addInstall } from './install/command.ts';
import { addRoutes } from './routes/command.ts';
import { addTest } from './cases/command.ts';
import { addStatus } from './status/command.ts';
import { addUninstall } from './uninstall/command.ts';
import { columns } from './output/columns.ts';
import { style } from './output/style.ts';

const description = `Heddle for people: asks a cluster, or a folder of YAML, what the mesh does with requests.

It reads the Kubernetes API with your own kubeconfig and rights; only install and upgrade with --apply, and uninstall with
--delete, change anything. With -f it needs no cluster.`;

const roles: Readonly<Record<RoleName, string>> = {
  init: 'redirect the connections of this pod to its sidecar; --remove takes that back',
  sidecar: 'proxy the connections of this pod',
  agent: 'translate routes for the sidecars of this node',
  injector: 'add sidecars to pods as they are created',
};

const footer = `
Exit codes: 0 all is good, 1 something was found, 2 could not look.

Programs of the mesh, in its image; environment variables set them up:
${columns(Object.entries(roles), '  ').join('\n')}`;

/** The command as a whole. Wrong words end it with an exception, see \`main.ts\`. */
export function createProgram(): Command {
  const program = new Command('heddle')
    .description(description)
    .version(manifest.version, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'print this, or the help of a command')
    .helpOption('-h, --help', 'print this')
    .configureHelp({ styleTitle: style.head, showGlobalOptions: false })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, 'heddle:')) })
    .showHelpAfterError('heddle help has all commands, heddle help COMMAND says how one is used')
    .addHelpText('after', footer)
    .exitOverride();
  addExplain(program);
  addRoutes(program);
  addDiff(program);
  addTest(program);
  addConvert(program);
  addCheck(program);
  addStatus(program);
  addInstall(program);
  addUninstall(program);
  addCompletion(program);
  return program;
}
