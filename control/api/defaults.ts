/** What is there from the first start: the Mesh `default` and the Namespace `default` in it. */
import { ok, type Result } from '@weft/core/kernel';
import {
  type AnyKind,
  apiVersionOf,
  DEFAULT_MESH,
  DEFAULT_NAMESPACE,
  DEFAULT_TRUST_DOMAIN,
  MESH,
  NAMESPACE,
} from '@weft/core/resources';
import type { Target } from './catalog.ts';
import type { Resources } from './resources.ts';
import type { Status } from './status.ts';

/** Makes what of it is missing; changes nothing that is there. `trustDomain` is that of a Mesh which is made. */
export async function createDefaults(
  resources: Resources,
  trustDomain: string = DEFAULT_TRUST_DOMAIN,
  author = 'controller:defaults',
): Promise<Result<void, Status>> {
  const wished: readonly (readonly [AnyKind, string, unknown])[] = [
    [MESH, DEFAULT_MESH, { trustDomain }],
    [NAMESPACE, DEFAULT_NAMESPACE, {}],
  ];
  for (const [kind, name, spec] of wished) {
    const target: Target = { kind, version: kind.versions[0], namespace: '', name };
    const apiVersion = apiVersionOf(kind.group, target.version);
    const document = { apiVersion, kind: kind.kind, metadata: { name }, spec };
    const created = await resources.create(target, document, { author });
    if (!created.ok && created.error.reason !== 'AlreadyExists') return created;
  }
  return ok(undefined);
}
