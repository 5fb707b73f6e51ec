/**
 * Route tables of one client profile whose virtual hosts are written once, however many tables share them: a forward proxy's table names every
 * service of the mesh, and that of each namespace differs from the next in its own services alone. Says what `writeRouteConfiguration` says.
 */
import type { Diagnostic } from '@weft/core/kernel';
import type { RouteConfiguration, VirtualHost } from '@weft/core/proxy-config';
import { MAX_FAULTS, writeMessage } from '../codec/index.ts';
import type { ClientProfile } from '../profile/index.ts';
import { encodeRouteConfiguration } from './route/index.ts';
import { ROUTES, writeRouteConfiguration, type Written } from './rows.ts';

/** A host as a field of its table. */
type WrittenHost = Written;

/** Hosts that stand side by side in most tables. */
interface Block {
  readonly hosts: readonly VirtualHost[];
  readonly bytes: Uint8Array;
}

const BLOCK = 64;

/** Of a table that stands for nothing but its one host. */
const ALONE = 'routes[].';
const FIRST = /^(virtual_?[hH]osts)\[0\]/;

export class RouteTableWriter {
  readonly #profile: ClientProfile;
  readonly #hosts = new WeakMap<VirtualHost, WrittenHost>();
  /** The last block that began with a host. */
  readonly #blocks = new WeakMap<VirtualHost, Block>();

  constructor(profile: ClientProfile) {
    this.#profile = profile;
  }

  write(routes: RouteConfiguration): Written {
    if (routes.virtualHosts.length < 2) return writeRouteConfiguration(routes, this.#profile);
    const hosts = routes.virtualHosts.map((host) => this.#host(routes, host));
    const around = encodeRouteConfiguration({ ...routes, virtualHosts: [] }, this.#profile);
    const diagnostics = [
      ...around.diagnostics,
      ...hosts.flatMap((host, index) => host.diagnostics.map((one) => placed(one, routes.name, index))),
    ];
    if (diagnostics.length > MAX_FAULTS) return writeRouteConfiguration(routes, this.#profile);
    // Fields ascend by number: the name is 1, hosts are 2.
    const { name, ...rest } = around.message;
    const parts = [
      writeMessage(ROUTES, { name }),
      ...this.#blocksOf(routes.virtualHosts, hosts),
      writeMessage(ROUTES, rest),
    ];
    return { bytes: joined(parts), diagnostics };
  }

  /** A copy of a few pieces costs less than one of thousands. */
  #blocksOf(all: readonly VirtualHost[], written: readonly WrittenHost[]): Uint8Array[] {
    const blocks: Uint8Array[] = [];
    for (let at = 0; at < all.length; at += BLOCK) {
      const hosts = all.slice(at, at + BLOCK);
      const [first] = hosts;
      if (first === undefined) break;
      let block = this.#blocks.get(first);
      if (block === undefined || !sameItems(block.hosts, hosts)) {
        block = { hosts, bytes: joined(written.slice(at, at + BLOCK).map(({ bytes }) => bytes)) };
        this.#blocks.set(first, block);
      }
      blocks.push(block.bytes);
    }
    return blocks;
  }

  #host(routes: RouteConfiguration, host: VirtualHost): WrittenHost {
    const known = this.#hosts.get(host);
    if (known !== undefined) return known;
    const alone = encodeRouteConfiguration({ ...routes, name: '', virtualHosts: [host] }, this.#profile);
    const bytes = writeMessage(ROUTES, { virtual_hosts: alone.message.virtual_hosts });
    const diagnostics = alone.diagnostics.filter(({ place }) => FIRST.test((place.path ?? '').slice(ALONE.length)));
    const made = { bytes, diagnostics };
    this.#hosts.set(host, made);
    return made;
  }
}

function placed(diagnostic: Diagnostic, table: string, index: number): Diagnostic {
  const path = (diagnostic.place.path ?? '').slice(ALONE.length).replace(FIRST, `$1[${index}]`);
  return { ...diagnostic, place: { ...diagnostic.place, path: `routes[${table}].${path}` } };
}

const sameItems = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
