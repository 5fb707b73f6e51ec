/**
 * The condition Programmed (Gateway API): whether the connected proxies do what an object asks for. Pure: from what proxies answered and
 * what compiling found to one condition an object.
 */
import { type Diagnostic, formatDiagnostic } from '@weft/core/kernel';
import type { ConditionDraft, Proxy } from '@weft/core/mesh-view';
import { objectName } from '@weft/core/resources';
import type { ClientStatus } from '../xds/index.ts';

/** Something that a proxy does not do, with the objects it comes from (`Kind/namespace/name`). */
export interface Unprogrammed {
  readonly objects: ReadonlySet<string>;
  readonly proxy: string;
  readonly engine: string;
  readonly reason: 'Rejected' | 'Unsupported' | 'NothingToPatch';
  readonly message: string;
}

/** `Kind/namespace/name#path` without its path. */
const objectOf = (source: string): string => {
  const hash = source.indexOf('#');
  return hash < 0 ? source : source.slice(0, hash);
};

/** What the connected proxies refused or cannot be told. */
export function unprogrammed(
  clients: readonly ClientStatus[],
  findings: readonly { readonly proxy: Proxy; readonly diagnostics: readonly Diagnostic[] }[],
): readonly Unprogrammed[] {
  const found: Unprogrammed[] = [];
  for (const { proxy, rejections, inexpressible } of clients) {
    const base = { proxy: proxy.id, engine: proxy.engine.name };
    for (const { name, reason, sources } of rejections) {
      found.push({
        ...base,
        objects: new Set(sources.map(objectOf)),
        reason: 'Rejected',
        message: `${name}: ${reason}`,
      });
    }
    for (const { name, sources, diagnostics } of inexpressible) {
      const message = `${name}: ${diagnostics.map(formatDiagnostic).join('; ')}`;
      found.push({ ...base, objects: new Set(sources.map(objectOf)), reason: 'Unsupported', message });
    }
  }
  for (const { source, proxy } of idlePatches(clients)) {
    found.push({
      proxy: proxy.id,
      engine: proxy.engine.name,
      objects: new Set([objectOf(source)]),
      reason: 'NothingToPatch',
      message: `${source.slice(source.indexOf('#') + 1)} finds nothing to change, neither here nor in any other proxy`,
    });
  }
  for (const { proxy, diagnostics } of findings) {
    for (const diagnostic of diagnostics) {
      if (diagnostic.severity === 'info' || diagnostic.place.object === undefined) continue;
      const objects = new Set([diagnostic.place.object]);
      found.push({
        objects,
        proxy: proxy.id,
        engine: proxy.engine.name,
        reason: 'Unsupported',
        message: formatDiagnostic(diagnostic),
      });
    }
  }
  return found;
}

/** Patches that find nothing to change in any of the connected proxies that they are about, with the first of these. */
export function idlePatches(
  clients: readonly Pick<ClientStatus, 'proxy' | 'patches' | 'idlePatches'>[],
): readonly { readonly source: string; readonly proxy: Proxy }[] {
  const first = new Map<string, Proxy>();
  const busy = new Set<string>();
  for (const { proxy, patches, idlePatches: idle } of clients) {
    if (patches.length === 0) continue;
    const nothing = new Set(idle);
    for (const source of patches) {
      if (!nothing.has(source)) busy.add(source);
      if (!first.has(source)) first.set(source, proxy);
    }
  }
  return [...first].flatMap(([source, proxy]) => (busy.has(source) ? [] : [{ source, proxy }]));
}

/** What no proxy was told, because it was not accepted, is not programmed. Many proxies may say the same: named are the first three. */
export function programmed(
  object: { readonly kind: string; readonly namespace: string; readonly name: string },
  generation: number,
  accepted: boolean,
  faults: readonly Unprogrammed[],
): ConditionDraft {
  if (!accepted)
    return {
      type: 'Programmed',
      status: 'False',
      reason: 'NotAccepted',
      message: 'no proxy was told',
      observedGeneration: generation,
    };
  const name = objectName(object.kind, object.namespace, object.name);
  const own = faults.filter(({ objects }) => objects.has(name));
  const [first] = own;
  if (first === undefined)
    return { type: 'Programmed', status: 'True', reason: 'Programmed', message: '', observedGeneration: generation };
  const more = own.length > 3 ? ` and ${own.length - 3} more` : '';
  const message = own
    .slice(0, 3)
    .map((fault) => `${fault.proxy} (${fault.engine}): ${fault.message}`)
    .join('; ');
  return {
    type: 'Programmed',
    status: 'False',
    reason: first.reason,
    message: `${message}${more}`,
    observedGeneration: generation,
  };
}
