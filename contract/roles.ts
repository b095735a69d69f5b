/** What the image is started as, by the first argument: the injector names it for containers, the manifests for ours. */
export type RoleName = 'init' | 'sidecar' | 'agent' | 'injector';
