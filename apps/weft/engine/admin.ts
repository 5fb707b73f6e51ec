/** The admin interface of an engine, on a Unix socket or a loopback port. */
import { lstatSync, rmSync } from 'node:fs';
import { compileString } from '@weft/core/decide';
import { addressText, type ProxyConfig, type SocketAddress, type StringMatcher } from '@weft/core/proxy-config';
import type { StatsConfig } from '@weft/envoy/bootstrap';
import { AdminServer, adminPages, type AdminSubject, type RuntimeReport } from '@weft/proxy/admin';
import type { Inheritance, JsonLog } from '@weft/proxy/engine';
import { CommandError } from '../errors.ts';
import { WEFT_VERSION } from '../version.ts';

export interface AdminOptions {
  readonly subject: AdminSubject;
  readonly address: SocketAddress;
  readonly node: { readonly id: string; readonly cluster: string };
  readonly log: JsonLog;
  /** Rows of the bootstrap; all others came by xDS. */
  readonly staticRows: ProxyConfig;
  /** Whether everything that was asked for first has come; default: yes. */
  readonly isReady?: () => boolean;
  readonly runtimeLayers?: RuntimeReport;
  /** Tags of statistics; default: Envoy's own. */
  readonly statsTags?: StatsConfig;
  readonly quit: () => void;
  /** Only paths that one of them matches are answered; default: all. */
  readonly allowPaths?: readonly StringMatcher[];
  /** Sockets that the process before this one left open. */
  readonly inheritance?: Inheritance | undefined;
}

/** Starts it. Throws CommandError when the address cannot be had. */
export async function serveAdmin(options: AdminOptions): Promise<AdminServer> {
  const {
    subject,
    address,
    node,
    log,
    staticRows,
    isReady,
    quit,
    inheritance,
    allowPaths = [],
    runtimeLayers,
    statsTags,
  } = options;
  const allowed = allowPaths.map((matcher) => compileString(matcher, refuse));
  const server = new AdminServer(
    adminPages({
      subject,
      version: `weft/${WEFT_VERSION}`,
      node,
      log,
      isReady: isReady ?? (() => true),
      dumpConfig: async (query) => (await import('./config-dump.ts')).configDump(subject.config, staticRows, query),
      quit,
      ...(runtimeLayers === undefined ? {} : { runtimeLayers }),
      ...(statsTags === undefined ? {} : { statsTags }),
    }),
    allowPaths.length === 0 ? undefined : (path) => allowed.some((matches) => matches(path)),
  );
  // What a killed process left would be in the way; a living one keeps its own descriptor.
  if (inheritance === undefined && address.kind === 'pipe' && isSocket(address.path))
    rmSync(address.path, { force: true });
  try {
    await server.start(address, inheritance);
  } catch (error) {
    const where = addressText(address);
    throw new CommandError(
      `the admin interface cannot listen on ${where}: ${error instanceof Error ? error.message : String(error)}`,
      'Choose another address.',
    );
  }
  return server;
}

/** Whatever else lies there is somebody's file, and stays. */
function isSocket(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isSocket() === true;
}

/** An expression that is none was refused with the bootstrap already: nothing must match by it. */
function refuse(message: string): void {
  throw new CommandError(`admin.allow_paths: ${message}`);
}
