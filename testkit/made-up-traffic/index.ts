/** Rows of traffic as the control plane answers them, of a mesh that there is not: for the dashboard at sizes that no test starts. */
import type { EdgeTraffic } from '@weft/core/documents';
import { GatheredCounts, NO_COUNTS, NOBODY } from '@weft/core/traffic';

/** Namespaces, each a team's; most calls stay within one. */
const NAMESPACES = 10;

/** Each `round` has other numbers of the same edges. Now and then one fails. */
export function madeUpTraffic(services: number, edges: number, round: number): EdgeTraffic[] {
  const party = (index: number) => {
    const [namespace, name] = [`team-${index % NAMESPACES}`, `service-${index}`];
    return { ...NOBODY, namespace, workload: name, app: name, identity: `spiffe://mesh/ns/${namespace}/sa/${name}` };
  };
  const made: EdgeTraffic[] = [];
  for (let edge = 0; edge < edges; edge += 1) {
    const caller = edge % services;
    const step = 1 + Math.floor(edge / services);
    const called = (caller + (step <= 6 ? step * NAMESPACES : step * 7 + 3)) % services;
    const failing = edge % 97 === 0 ? 3 : 0;
    const gathered = new GatheredCounts();
    const requests = 100 + ((edge * 31 + round * 17) % 400);
    gathered.add({
      ...NO_COUNTS,
      requests,
      responses: [
        { code: 200, grpc: -1, flags: '', count: requests - failing * 10 },
        ...(failing > 0 ? [{ code: 503, grpc: -1, flags: 'UF', count: failing * 10 }] : []),
      ],
      durations: {
        count: requests,
        sum: requests * 12,
        buckets: Array.from({ length: 20 }, (_, at) => [at + 8, requests / 20]),
      },
    });
    made.push({
      edge: {
        reporter: 'source',
        protocol: 'http',
        source: party(caller),
        destination: party(called),
        service: { namespace: party(called).namespace, name: party(called).workload },
        route: '',
        security: edge % 53 === 0 ? 'none' : 'mutual_tls',
      },
      counts: gathered.counts(),
      seconds: 10,
      lastSeen: Date.now(),
    });
  }
  return made;
}
