/** The engines of a pairing run: one before the backends, or two, of which the first is called and the second stands before the backends. */
import type { EngineName } from '../cases/index.ts';
import { type RunningEngine, startEngine } from '../engine/index.ts';
import {
  pairingBootstrap,
  type PairingCertificates,
  type PairingInput,
  peerBootstrap,
  peerPorts,
} from './bootstrap.ts';

export type Hops = 1 | 2;

export interface PairingEngines {
  /** In the order of the way from the client. */
  readonly engines: readonly RunningEngine[];
  /** Of a listener of the first. */
  port(listener: string): number;
  stop(): Promise<void>;
}

/** Needs all three backends where there are two hops. */
export async function startPairingEngines({
  engine,
  hops,
  folder,
  input,
}: {
  readonly engine: EngineName;
  readonly hops: Hops;
  readonly folder: string;
  readonly input: PairingInput & { readonly certificates: PairingCertificates };
}): Promise<PairingEngines> {
  const start = (name: string, bootstrap: Record<string, unknown>): Promise<RunningEngine> =>
    startEngine({ engine, folder, name: `${engine}-${name}`, bootstrap });
  const peer = hops === 2 ? await start('peer', peerBootstrap(input)) : undefined;
  const behind = peer === undefined ? {} : peerPorts((name) => peer.port(name));
  const first = await start('first', pairingBootstrap({ ...input, ...behind }));
  return {
    engines: peer === undefined ? [first] : [first, peer],
    port: (listener) => first.port(listener),
    stop: async () => {
      await first.stop();
      await peer?.stop();
    },
  };
}
