import { join } from 'node:path';
import { type Recipe, obtain } from './recipe.ts';

/** A container image made without Docker: one layer with what `fill` puts below `$ROOT`. */
export type ImagePlan = {
  /** With its tag, as pods name it. */
  readonly name: string;
  /** Shell commands, run as root in an empty folder. */
  readonly fill: string;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly places?: Readonly<Record<string, string>>;
  readonly inputs?: readonly string[];
};

/** Builds the image, or takes it from the cache, and gives its tar (docker-archive). Needs umoci and skopeo. */
export async function buildImage(plan: ImagePlan): Promise<string> {
  const [label = 'image'] = (plan.name.split('/').at(-1) ?? '').split(':');
  const recipe: Recipe = {
    name: `image-${label}`,
    files: plan.files ?? {},
    places: plan.places ?? {},
    inputs: [plan.user, ...(plan.inputs ?? [])],
    commands: [
      ['sh', '-ec', `ROOT=$PWD/root; mkdir -m 755 "$ROOT"; ${plan.fill}`],
      ['umoci', 'init', '--layout', 'oci'],
      ['umoci', 'new', '--image', 'oci:image'],
      ['umoci', 'insert', '--image', 'oci:image', 'root', '/'],
      ['umoci', 'config', '--image', 'oci:image', '--config.user', plan.user, ...entrypoint(plan)],
      // The policy says whose signatures are asked for; this image is our own.
      ['sh', '-c', `exec skopeo copy --insecure-policy -q oci:oci:image "docker-archive:$OUT/image.tar:$0"`, plan.name],
    ],
  };
  return join(await obtain(recipe), 'image.tar');
}

function entrypoint({ entrypoint: words }: ImagePlan): string[] {
  return words.flatMap((word) => ['--config.entrypoint', word]);
}
