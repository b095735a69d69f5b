import { agentSecret } from '../../contract/objects.ts';
import type { Api } from '../../kubernetes/api.ts';
import type { Logger } from '../../runtime/log.ts';
import { keepAgentCertificate } from '../certificates/agentCertificate.ts';
import { reconcileAuthorities } from '../certificates/reconcileAuthorities.ts';
import { keepCertificate } from '../certificates/serving.ts';
import { type Authorities, bundleOf, type KeyPair, type Lifetimes } from '../certificates/types.ts';
import { readSecret } from '../certificates/writeSecret.ts';
import type { TrustedNamespaces } from './namespaces.ts';
import type { Problems } from './problems.ts';
import { putCaBundle, readWebhook } from './webhook.ts';

export type ReconcilerOptions = {
  readonly api: Api;
  readonly log: Logger;
  readonly problems: Problems;
  /** Our own, where the Secrets are. */
  readonly namespace: string;
  readonly webhookName: string;
  readonly lifetimes: Lifetimes;
  readonly namespaces: TrustedNamespaces;
  /** DNS names of the certificates. */
  readonly servingNames: readonly string[];
  readonly agentNames: readonly string[];
  readonly now: () => number;
  /** From 0 to 1; spreads the replicas' renewals. */
  readonly jitter: number;
  /** Called with every new serving certificate. */
  readonly onCertificate: (pair: KeyPair) => void;
};

/** What is missing until the webhook can be asked; undefined when nothing is. */
export type Reconciler = { readonly missing: string | undefined; reconcile(): Promise<void> };

/**
 * Each `reconcile` brings certificates, caBundle and ConfigMaps to what they must be; it never rejects, and what fails is
 * tried in the next one. Whatever is written is read *before* the CAs, and written at that version only: so a replica
 * that knows old CAs cannot overwrite what one with newer CAs has written.
 */
export function createReconciler(options: ReconcilerOptions): Reconciler {
  const { api, log, problems, namespace, namespaces, now } = options;
  let authorities: Authorities | undefined;
  let serving: KeyPair | undefined;
  let isAnnounced = false;

  async function reconcile(): Promise<void> {
    const webhook = await problems.attempt('webhook configuration', () => readWebhook(api, options.webhookName));
    const secret = await problems.attempt('agent secret', async () => ({
      value: await readSecret(api, namespace, agentSecret),
    }));
    const seen = await problems.attempt('namespaces', () => namespaces.look());
    authorities = (await problems.attempt('CA', () => reconcileAuthorities(options, authorities))) ?? authorities;
    if (authorities === undefined) return;
    const agreed = authorities;
    const bundle = bundleOf(agreed);
    // First what must trust a certificate, then the certificate.
    if (webhook !== undefined) {
      const done = await problems.attempt('caBundle', () => putCaBundle(api, webhook, bundle));
      if (done === 'written') log.info({ webhook: webhook.name }, 'caBundle written');
      if (done !== undefined) isAnnounced = true;
    }
    await problems.attempt('serving certificate', () => serve(agreed));
    if (secret !== undefined) {
      const { jitter, lifetimes, agentNames: dnsNames } = options;
      const wanted = { namespace, authorities: agreed, lifetimes, dnsNames, jitter, now: now() };
      const done = await problems.attempt('agent certificate', () => {
        return keepAgentCertificate(api, secret.value, wanted);
      });
      if (done === 'written') log.info({ secret: `${namespace}/${agentSecret}` }, "Agents' certificate written");
    }
    // Also without a webhook, which is deleted when it is in the way: sidecars that run need to trust agents.
    if (seen === undefined) return;
    const next = await problems.attempt('ConfigMaps', () => namespaces.reconcile(seen, bundle));
    if (next === 'again') await reconcile();
  }

  async function serve(agreed: Authorities): Promise<void> {
    const { lifetimes, servingNames: dnsNames, jitter } = options;
    const kept = await keepCertificate(serving, agreed, { lifetimes, dnsNames, jitter, now: now() });
    if (kept === serving) return;
    options.onCertificate(kept);
    serving = kept;
    log.info({ until: new Date(kept.certificate.notAfter).toISOString() }, 'Serving certificate issued');
  }

  return {
    reconcile,
    get missing() {
      if (authorities === undefined) return `no CA agreed yet${problems.of('CA')}`;
      if (serving === undefined) return `no serving certificate yet${problems.of('serving certificate')}`;
      if (isAnnounced) return undefined;
      return `caBundle not written yet${problems.of('webhook configuration')}${problems.of('caBundle')}`;
    },
  };
}
