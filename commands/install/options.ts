import { type Command, InvalidArgumentError, Option } from 'commander';
import { systemNamespace } from '../../contract/objects.ts';
import { withContext } from '../options.ts';
import type { InstallSettings, ResourceWish } from './settings.ts';

/** The options that say what an installation is to be like, as commander has them. */
export type SettingOptions = {
  readonly image?: string;
  readonly namespace?: string;
  readonly replicas?: number;
  readonly agentResources?: ResourceWish;
  readonly injectorResources?: ResourceWish;
  readonly sidecarResources?: ResourceWish;
};

/** The options of those that write to a cluster. */
export type WriteOptions = {
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly timeout: number;
};

/** Adds the options of `SettingOptions`. */
export function withSettings(command: Command): Command {
  return withNamespace(command)
    .option(
      '--image <name>',
      'image of agents, injectors and sidecars, as in registry.example.com/heddle:0.1.0',
      parseImage,
    )
    .option('--replicas <number>', 'how many injectors', parseCount)
    .option(
      '--agent-resources <list>',
      'of each agent, as in requests.cpu=100m,limits.memory=2Gi; none is no limit',
      parseResources,
    )
    .option('--injector-resources <list>', 'of each injector', parseResources)
    .option('--sidecar-resources <list>', 'of sidecars whose pod and namespace say nothing', parseResources);
}

/** Adds the option that says where the mesh's own objects are. */
export function withNamespace(command: Command): Command {
  return command.option(
    '-n, --namespace <name>',
    `namespace of the mesh's own objects (default: ${systemNamespace})`,
    parseName,
  );
}

/** Adds the options of `WriteOptions`. */
export function withWriting(command: Command): Command {
  return withContext(command).addOption(
    new Option('--timeout <duration>', 'how long to wait until it is done, as in 90s or 5m')
      .argParser(parseTimeout)
      .default(300_000, '5m'),
  );
}

/** What of the settings was said. */
export function settingsIn(options: SettingOptions): InstallSettings {
  const { image, namespace, replicas, agentResources, injectorResources, sidecarResources } = options;
  return {
    ...(image !== undefined && { image }),
    ...(namespace !== undefined && { namespace }),
    ...(replicas !== undefined && { replicas }),
    ...(agentResources && { agent: agentResources }),
    ...(injectorResources && { injector: injectorResources }),
    ...(sidecarResources && { sidecar: sidecarResources }),
  };
}

const resourceKeys: Readonly<Record<string, keyof ResourceWish>> = {
  'requests.cpu': 'cpuRequest',
  'requests.memory': 'memoryRequest',
  'limits.cpu': 'cpuLimit',
  'limits.memory': 'memoryLimit',
};

function parseResources(value: string, before: ResourceWish | undefined): ResourceWish {
  const wish: Partial<Record<keyof ResourceWish, string>> = { ...before };
  for (const part of value.split(',')) {
    const [name = '', quantity = ''] = part.split('=', 2);
    const key = resourceKeys[name.trim()];
    if (key === undefined || !/^(?:none|\d+(?:\.\d+)?(?:m|k|[MGTPE]|[KMGTPE]i)?)$/.test(quantity.trim()))
      throw new InvalidArgumentError(
        `Give ${Object.keys(resourceKeys).join(', ')}, each with = and a quantity or none, separated by commas.`,
      );
    wish[key] = quantity.trim();
  }
  return wish;
}

function parseImage(value: string): string {
  if (!/^[\w./:@-]+$/.test(value) || !/(?::[\w.-]+|@[\w+.-]+:[\da-fA-F]+)$/.test(value))
    throw new InvalidArgumentError('Give a name with its tag or digest, as in registry.example.com/heddle:0.1.0.');
  return value;
}

function parseCount(value: string): number {
  if (!/^[1-9]\d{0,3}$/.test(value)) throw new InvalidArgumentError('Give a number from 1 on.');
  return Number(value);
}

function parseName(value: string): string {
  if (!/^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/.test(value))
    throw new InvalidArgumentError('Give the name of a namespace, in lower case.');
  return value;
}

function parseTimeout(value: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6})(s|m)$/.exec(value) ?? [];
  if (number === '') throw new InvalidArgumentError('Give a duration, as in 90s or 5m.');
  return Number(number) * (unit === 'm' ? 60_000 : 1000);
}
