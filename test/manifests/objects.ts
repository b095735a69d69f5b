import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';

export const folder = path.resolve(import.meta.dirname, '../../manifests');

export type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
};

export type Selector = {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
};

export type Container = {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly securityContext: unknown;
  readonly readinessProbe: { readonly httpGet: { readonly path: string; readonly port: string } };
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
};

/** A Kubernetes object, with those fields of ours that the tests look at. */
export type Manifest = {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly rules?: readonly Rule[];
  readonly webhooks?: readonly {
    readonly name: string;
    readonly failurePolicy: string;
    readonly namespaceSelector: Selector;
    readonly objectSelector: Selector;
    readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
    readonly clientConfig: {
      readonly caBundle?: string;
      readonly service: { readonly name: string; readonly namespace: string; readonly path: string };
    };
  }[];
  readonly spec?: {
    /** Of a Service. */
    readonly ports?: readonly { readonly name: string; readonly port: number }[];
    readonly template?: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly securityContext: unknown;
        readonly containers: readonly Container[];
        readonly hostNetwork?: boolean;
        readonly enableServiceLinks?: boolean;
        readonly volumes?: readonly { readonly name: string; readonly secret?: { readonly secretName: string } }[];
      };
    };
  };
};

/** All objects of manifests/default, as they stand in the files. Throws for a file that is not YAML. */
export function defaultManifests(): Manifest[] {
  return manifestsOf('default');
}

/** All objects of one folder of manifests, such as `overlays/roles`. */
export function manifestsOf(name: string): Manifest[] {
  return yamlFiles(name).flatMap((file) => parse(path.join(folder, name, file)));
}

/** The files of a folder that hold objects, as its kustomization has to name them. */
export function yamlFiles(name: string): string[] {
  return readdirSync(path.join(folder, name), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.yaml') && file !== 'kustomization.yaml',
  );
}

/** What kustomization.yaml of that folder says. */
export function kustomization(name: string): {
  readonly resources: readonly string[];
  readonly images?: readonly { readonly name: string; readonly newTag: string }[];
} {
  return parse(path.join(folder, name, 'kustomization.yaml'))[0] as never;
}

function parse(file: string): Manifest[] {
  const documents = parseAllDocuments(readFileSync(file, 'utf8'));
  if (!Array.isArray(documents)) return [];
  return documents.map((document) => {
    if (document.errors.length > 0) throw new Error(`${file}: ${document.errors[0]?.message}`);
    return document.toJS() as Manifest;
  });
}
