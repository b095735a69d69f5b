import { sidecarUid } from '../../contract/containers.ts';

/** The part of an OCI image configuration that says how a container starts. */
export type ImageConfig = {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly WorkingDir: string;
  readonly Labels: Readonly<Record<string, string>>;
};

/** How containers of the image start: as the sidecar's user, with the dispatcher. The Dockerfile says the same. */
export function imageConfig({
  version,
  revision,
}: {
  readonly version: string;
  readonly revision: string;
}): ImageConfig {
  return {
    User: `${sidecarUid}:${sidecarUid}`,
    Env: ['PATH=/usr/local/bin:/usr/sbin:/usr/bin'],
    Entrypoint: ['/usr/local/bin/heddle'],
    WorkingDir: '/',
    Labels: {
      'org.opencontainers.image.title': 'heddle',
      'org.opencontainers.image.description': 'A service mesh for Kubernetes by the Gateway API',
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.revision': revision,
      'org.opencontainers.image.licenses': 'Apache-2.0',
    },
  };
}
