/** Gateway API ParentReference. In a mesh the parent is a Service (GAMMA): the route then shapes the calls to that service. */
import { dnsSubdomain, dnsLabel, group, kindName } from '../schema/formats.ts';
import type { Complete, Report } from '../schema/schema.ts';
import { array, defaulted, integer, object, optional, required, string } from '../schema/schema.ts';
import { GATEWAY_GROUP } from '../kind.ts';

const parentRef = object({
  group: defaulted(
    string({ format: group, minLength: 0 }),
    GATEWAY_GROUP,
    'The parent’s API group. For a Service write `""`.',
  ),
  kind: defaulted(string({ format: kindName }), 'Gateway', 'The parent’s kind. In a mesh: `Service`.'),
  namespace: optional(string({ format: dnsLabel }), 'The parent’s namespace. Absent: the route’s own.'),
  name: required(string({ format: dnsSubdomain }), 'The parent’s name.'),
  sectionName: optional(string({ format: dnsSubdomain }), 'The name of one port of the parent. Absent: all its ports.'),
  port: optional(integer(1, 65_535), 'The number of one port of the parent. Absent: all its ports.'),
});

export type ParentRef = Complete<typeof parentRef>;

export const parentRefs = array(parentRef, { maxItems: 32 });

export const PARENT_REFS_DOC =
  'The services whose callers this route serves, each optionally narrowed to one port. Absent: the route has no effect.';

/**
 * The same parent several times must be told apart, by `sectionName` in all or by `port` in all (Gateway API, CommonRouteSpec): a
 * section and a port could be the same one.
 */
export function checkParentRefs(refs: readonly ParentRef[] | undefined, report: Report): void {
  const first = new Map<string, { readonly index: number; readonly form: string }>();
  const seen = new Set<string>();
  for (const [index, ref] of (refs ?? []).entries()) {
    const parent = JSON.stringify([ref.group, ref.kind, ref.namespace ?? '', ref.name]);
    const form = JSON.stringify([ref.sectionName !== undefined, ref.port !== undefined]);
    const section = JSON.stringify([parent, ref.sectionName ?? '', ref.port ?? 0]);
    const other = first.get(parent);
    if (other === undefined) first.set(parent, { index, form });
    else if (other.form !== form || seen.has(section)) {
      report(
        ['parentRefs', index],
        'duplicate-entry',
        `the same parent as item ${other.index}`,
        'name a different `sectionName` in each, or a different `port` in each, or remove one',
      );
    }
    seen.add(section);
  }
}
