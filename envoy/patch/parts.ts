/** The parts of Envoy's resources that a patch can be about: their messages, where they stand, what they are called. */
import type { PatchOperation, PatchPart, ResourcePatch } from '@weft/core/proxy-config';
import { messageType, nameOfTypeUrl, type AnyMessage, type MessageName, type MessageType } from '../tables/index.ts';
import { merged, type Fields } from './merge.ts';

export const PART_MESSAGES: Readonly<Record<PatchPart, MessageName>> = {
  listener: 'envoy.config.listener.v3.Listener',
  'filter-chain': 'envoy.config.listener.v3.FilterChain',
  'network-filter': 'envoy.config.listener.v3.Filter',
  'http-filter': 'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter',
  'route-configuration': 'envoy.config.route.v3.RouteConfiguration',
  'virtual-host': 'envoy.config.route.v3.VirtualHost',
  route: 'envoy.config.route.v3.Route',
  cluster: 'envoy.config.cluster.v3.Cluster',
};

export type PatchedResource = 'listener' | 'route-configuration' | 'cluster';

const MANAGER = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

export function typeOf(name: MessageName): MessageType {
  const type = messageType(name);
  if (type === undefined) throw new TypeError(`${name} is not in the tables`);
  return type;
}

/** One patch at work on one resource; `matched` says whether it found anything. */
export class PatchWork {
  matched = false;
  readonly #patch: ResourcePatch;
  readonly #value: Fields;

  constructor(patch: ResourcePatch, value: Fields) {
    this.#patch = patch;
    this.#value = value;
  }

  /** The resource as it becomes; undefined: it is removed. */
  resource(kind: PatchedResource, message: Fields): Fields | undefined {
    const { part, match, operation } = this.#patch;
    const name = textOf(message['name']);
    if (match.direction !== undefined && !name.startsWith(`${match.direction}/`)) return message;
    switch (kind) {
      case 'cluster':
        return part === 'cluster' && fits(match.cluster, name) ? this.#whole(operation, message) : message;
      case 'route-configuration':
        // Which listeners ask for it is not written in it.
        return match.listener === undefined && fits(match.routeConfiguration, name) ? this.#routes(message) : message;
      case 'listener':
        if (part === 'cluster' || !fits(match.listener, name)) return message;
        return part === 'listener' ? this.#whole(operation, message) : this.#chains(message);
    }
  }

  #whole(operation: PatchOperation, message: Fields): Fields | undefined {
    // Additions are new resources.
    if (operation === 'add-last') return message;
    this.matched = true;
    if (operation === 'remove') return undefined;
    const type = typeOf(PART_MESSAGES[this.#patch.part]);
    const made = operation === 'replace' ? this.#value : merged(type, message, this.#value);
    return { ...made, name: message['name'] };
  }

  /** undefined when a route table is to be removed that stands in a listener: nothing would be left to serve. */
  #routes(message: Fields): Fields | undefined {
    const { part, match } = this.#patch;
    if (part === 'route-configuration') return this.#whole(this.#patch.operation, message);
    if (part === 'virtual-host') return this.#list(message, 'virtual_hosts', match.virtualHost, false);
    if (part !== 'route') return message;
    return each(message, 'virtual_hosts', (host) =>
      fits(match.virtualHost, textOf(host['name'])) ? this.#list(host, 'routes', match.route, false) : host,
    );
  }

  #chains(listener: Fields): Fields {
    const { part, match } = this.#patch;
    if (part === 'filter-chain') return this.#list(listener, 'filter_chains', match.filterChain, false);
    const chain = (one: Fields): Fields => (fits(match.filterChain, textOf(one['name'])) ? this.#filters(one) : one);
    const changed = each(listener, 'filter_chains', chain);
    const last = changed['default_filter_chain'] as Fields | undefined;
    return last === undefined ? changed : withField(changed, 'default_filter_chain', chain(last));
  }

  #filters(chain: Fields): Fields {
    const { part, match } = this.#patch;
    if (part === 'network-filter') return this.#list(chain, 'filters', match.networkFilter, true);
    return each(chain, 'filters', (filter) => {
      const any = filter['typed_config'] as AnyMessage | undefined;
      if (any?.message === undefined || nameOfTypeUrl(any.type_url) !== MANAGER) return filter;
      if (!fits(match.networkFilter, textOf(filter['name']))) return filter;
      const before = any.message as Fields;
      const after = this.#manager(before);
      return after === before ? filter : { ...filter, typed_config: { type_url: any.type_url, message: after } };
    });
  }

  #manager(manager: Fields): Fields {
    const { part, match } = this.#patch;
    if (part === 'http-filter') return this.#list(manager, 'http_filters', match.httpFilter, true);
    const inline = manager['route_config'] as Fields | undefined;
    if (inline === undefined || !fits(match.routeConfiguration, textOf(inline['name']))) return manager;
    return withField(manager, 'route_config', this.#routes(inline) ?? {});
  }

  /** `ends`: the last of the list ends the work of the others; what is added last stands before it. */
  #list(holder: Fields, field: string, wanted: string | undefined, ends: boolean): Fields {
    const list = (holder[field] ?? []) as readonly Fields[];
    const { operation, part } = this.#patch;
    const value = this.#value;
    const found = list.findIndex((item) => fits(wanted, textOf(item['name'])));
    const insert = (at: number): readonly Fields[] => [...list.slice(0, at), value, ...list.slice(at)];
    const changed = (): readonly Fields[] | undefined => {
      if (operation === 'add-first') return insert(0);
      if (operation === 'add-last') return insert(ends && list.length > 0 ? list.length - 1 : list.length);
      if (found < 0) return undefined;
      if (operation === 'add-before') return insert(found);
      if (operation === 'add-after') return insert(found + 1);
      const is = (item: Fields): boolean => fits(wanted, textOf(item['name']));
      if (operation === 'remove') return list.filter((item) => !is(item));
      const type = typeOf(PART_MESSAGES[part]);
      return list.map((item) => (!is(item) ? item : operation === 'replace' ? value : merged(type, item, value)));
    };
    const next = changed();
    if (next === undefined) return holder;
    this.matched = true;
    return { ...holder, [field]: next };
  }
}

/** `pattern` undefined: any name; with `*` at its end: the beginning. */
export const fits = (pattern: string | undefined, name: string): boolean =>
  pattern === undefined || (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const withField = (holder: Fields, field: string, value: Fields): Fields =>
  holder[field] === value ? holder : { ...holder, [field]: value };

/** The same object where `change` changes nothing. */
function each(holder: Fields, field: string, change: (item: Fields) => Fields): Fields {
  const list = (holder[field] ?? []) as readonly Fields[];
  const next = list.map(change);
  return next.every((item, index) => item === list[index]) ? holder : { ...holder, [field]: next };
}
