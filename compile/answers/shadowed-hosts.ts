/** Hosts and addresses outside that one ExternalService names as one of many, and another one by itself: whoever calls them gets the other. */
import { type Cidr, type Diagnostic, formatCidr, masked, parseCidr } from '@weft/core/kernel';
import { byName, type MeshView } from '@weft/core/mesh-view';
import type { ExternalService } from '@weft/core/resources';
import { warning } from './warning.ts';
import type { World } from './world.ts';

interface Wide {
  /** Key of the ExternalService. */
  readonly service: string;
  readonly source: string;
  readonly text: string;
}

/** Of each name and port that more than one host can have: the narrower ones of other objects. */
export function shadowedHosts(world: World, view: MeshView): Diagnostic[] {
  const written = objectsByKey(world);
  const wide = new Map<string, Wide>();
  const prefixes = new Map<number, Set<number>>();
  for (const [service, { external, source, ports }] of view.service) {
    if (external === undefined) continue;
    const keep = (key: string, path: string, text: string): void => {
      for (const { port } of ports) wide.set(`${key} ${port}`, { service, source: `${source}#${path}`, text });
    };
    for (const [index, host] of external.hosts.entries())
      if (host.startsWith('*.'))
        keep(host, written.get(service)?.host === undefined ? `spec.hosts[${index}]` : 'spec.host', host);
    for (const [index, text] of external.addresses.entries()) {
      const range = parseCidr(text);
      if (range === undefined) continue;
      keep(text, `spec.addresses[${index}]`, text);
      const family = prefixes.get(range.address.family) ?? new Set();
      prefixes.set(range.address.family, family.add(range.prefix));
    }
  }
  const narrower = new Map<Wide, Set<string>>();
  for (const [service, { external, ports, name, namespace }] of view.service) {
    if (external === undefined) continue;
    const names = [
      ...external.hosts.map((host) => ({ host, around: wildcardsAround(host) })),
      ...external.addresses.map((host) => ({ host, around: rangesAround(parseCidr(host), prefixes) })),
    ];
    for (const { host, around } of names)
      for (const { port } of ports) {
        // The nearest one would have got it.
        const found = around.map((key) => wide.get(`${key} ${port}`)).find((one) => one !== undefined);
        if (found === undefined || found.service === service) continue;
        const others = narrower.get(found) ?? new Set();
        narrower.set(found, others.add(`${host}, port ${port}, is ExternalService/${namespace}/${name}`));
      }
  }
  return [...narrower].map(([{ source, text }, others]) =>
    warning(
      'host-shadowed',
      source,
      `not all of ${text} is this one: ${[...others].sort(byName).slice(0, SHOWN).join('; ')}${others.size > SHOWN ? `; and ${others.size - SHOWN} more` : ''}`,
      'policies about this object are not about those: if they should be, name the object that has them too, or remove them there',
    ),
  );
}

const SHOWN = 5;

/** `a.b.example`: `*.b.example`, `*.example`, the nearest first. */
function wildcardsAround(host: string): string[] {
  const labels = (host.startsWith('*.') ? host.slice(2) : host).split('.');
  const below = host.startsWith('*.') ? 0 : 1;
  const around = labels.flatMap((_, index) => (index < below ? [] : [`*.${labels.slice(index).join('.')}`]));
  return around.filter((one) => one !== host);
}

/** Ranges that somebody lists, that it may be in: the narrowest first. */
function rangesAround(range: Cidr | undefined, prefixes: ReadonlyMap<number, ReadonlySet<number>>): string[] {
  if (range === undefined) return [];
  return [...(prefixes.get(range.address.family) ?? [])]
    .filter((prefix) => prefix < range.prefix)
    .sort((a, b) => b - a)
    .map((prefix) => formatCidr(masked({ ...range, prefix })));
}

const objectsByKey = (world: World): ReadonlyMap<string, ExternalService['spec']> =>
  new Map(
    world.objects
      .filter((object): object is ExternalService => object.kind === 'ExternalService')
      .map(({ metadata: { namespace, name }, spec }) => [`${namespace}/${name}`, spec]),
  );
