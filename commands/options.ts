import { type Command, InvalidArgumentError, Option } from 'commander';
import { formats, type Format } from './output/print.ts';

/** What commands that look at objects have in common. */
export type LookOptions = {
  readonly files?: readonly string[];
  readonly namespace?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
  /** The option that has files looked at instead of a cluster; left out: -f. */
  readonly insteadOfCluster?: string;
};

export type OutputOption = { readonly output: Format };

/** Adds the options that say where objects are read: in files, or in a cluster. */
export function withLook(command: Command): Command {
  return withCluster(
    command.option(
      '-f, --files <path>',
      'look at a file or folder of YAML instead of a cluster; - is standard input, and it may stand several times',
      collect,
    ),
  );
}

/** Adds the options that say which cluster is meant, and which namespace. */
export function withCluster(command: Command): Command {
  return withContext(
    command.option('-n, --namespace <name>', 'namespace of names, and of objects in files, that say none'),
  );
}

/** Adds the options that say which cluster is meant. */
export function withContext(command: Command): Command {
  return command
    .option('--context <name>', 'context of the kubeconfig')
    .option('--kubeconfig <file>', 'kubeconfig to take in place of $KUBECONFIG or ~/.kube/config');
}

/** Adds the option that says how the result is printed. */
export function withOutput(command: Command): Command {
  return command.addOption(new Option('-o, --output <format>', 'how it is printed').choices(formats).default('table'));
}

/** Each value of an option that may stand several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** `shop` or `shop/client`. */
export function parseClient(value: string): { readonly namespace: string; readonly pod?: string } {
  const [namespace = '', pod, ...rest] = value.split('/');
  if (namespace === '' || pod === '' || rest.length > 0)
    throw new InvalidArgumentError('Give a namespace, or namespace/pod, as in shop/client.');
  return { namespace, ...(pod !== undefined && { pod }) };
}
