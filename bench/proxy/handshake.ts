/** CPU a new mTLS connection: full TLS 1.3 handshakes with client certificate, P-256 on both sides, one small request on each. */
import { ENGINES, PROXY_CORE } from './contenders.ts';
import { handshakes } from './load.ts';
import { cpuOf, Rig, type UnderTest } from './rig.ts';
import { type Bench, row } from './rows.ts';

export const HANDSHAKE: Bench = {
  name: 'handshake',
  async run({ quick }) {
    await using rig = new Rig();
    const { certificates } = rig;
    const all: UnderTest[] = [];
    for (const engine of ENGINES) all.push(await rig.engine(engine, { listenTls: certificates }));
    const { roots, chain, key } = certificates;
    const [running, port] = await rig.nginx(
      PROXY_CORE,
      (own) => `server { listen 127.0.0.1:${own} ssl; ssl_certificate ${chain}; ssl_certificate_key ${key};
  ssl_client_certificate ${roots}; ssl_verify_client on; location / { return 200; } }`,
    );
    all.push({ contender: 'nginx', port, processes: [running] });
    const seconds = quick ? 2 : 5;
    for (const one of all) await handshakes({ port: one.port, certificates, seconds: 1 });
    const costs = new Map<string, number[]>(all.map(({ contender }) => [contender, []]));
    for (let run = 0; run < (quick ? 3 : 5); run += 1) {
      for (const one of all) {
        const before = cpuOf(one);
        const count = await handshakes({ port: one.port, certificates, seconds });
        costs.get(one.contender)?.push((cpuOf(one) - before) / 1000 / count);
      }
    }
    return [row('handshake-mtls', 'CPU ms/connection', costs)];
  },
};
