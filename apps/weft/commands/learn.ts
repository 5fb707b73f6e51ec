/** `weft learn`: the calls that were seen, as a proposed allow-list; YAML on standard output that `weft plan` and `weft apply` take. Changes nothing. */
import type { SeenDocument, TrafficDocument } from '@weft/core/documents';
import { formatDuration, parseDuration } from '@weft/core/kernel';
import { KINDS, type Service, type StoredObject, type Workload } from '@weft/core/resources';
import { learn as learned } from '../answers/learn.ts';
import { ofControlPlane } from '../answers/objects.ts';
import { type ClientFlags, connect, orFail } from '../cli/connect.ts';
import { systemWallClock } from '../clocks.ts';
import { CommandError, EXIT_OK, EXIT_REFUSED, UsageError } from '../errors.ts';

export interface LearnFlags extends ClientFlags {
  readonly namespace: string;
  readonly window: string;
  readonly requests?: boolean;
  readonly anyway?: boolean;
}

/** Exit code 1: too little was seen, and nothing is written without --anyway. */
export async function learn(flags: LearnFlags): Promise<number> {
  const { namespace } = flags;
  const window = parseDuration(flags.window);
  if (window === undefined || window < 60_000 || window > 86_400_000)
    throw new UsageError(`--window takes a duration from 1m to 24h, not '${flags.window}'`);
  const client = connect(flags);
  try {
    const [seen, traffic] = (await Promise.all([
      orFail(
        client.call('GET', `/weft/v1/seen?window=${formatDuration(window)}&namespace=${encodeURIComponent(namespace)}`),
      ),
      orFail(client.call('GET', '/weft/v1/traffic?window=10m&reporter=all')),
    ])) as unknown as readonly [SeenDocument, TrafficDocument];
    if (seen.keeping === null)
      throw new CommandError('the control plane keeps no requests', 'Start it without --no-requests.');
    const known = await ofControlPlane(flags);
    known.close();
    const { yaml, tooLittle, policies } = learned({
      namespace,
      shapes: seen.shapes,
      counted: countedIn(traffic, namespace),
      keeping: seen.keeping,
      now: systemWallClock.now(),
      window,
      services: runningServices(known.objects, namespace),
      requests: flags.requests === true,
      visibility: KINDS.some(({ kind }) => kind === 'Visibility'),
    });
    if (tooLittle.length > 0 && flags.anyway !== true) {
      process.stderr.write(
        `Too little was seen to go by:\n${tooLittle.map((text) => `  ${text}\n`).join('')}Wait, widen --window, or add --anyway: then it is written, and says so.\n`,
      );
      return EXIT_REFUSED;
    }
    process.stdout.write(yaml);
    process.stderr.write(
      policies === 0
        ? `no calls to services of ${namespace} were seen\n`
        : `${policies} AccessPolicies; see what they would refuse: weft plan -f FILE --seen\n`,
    );
    return EXIT_OK;
  } finally {
    client.close();
  }
}

/** What the called sides counted and did not refuse. */
const countedIn = ({ rows }: TrafficDocument, namespace: string) =>
  rows.flatMap(({ edge, counts, lastSeen }) => {
    if (edge.reporter !== 'destination' || edge.service.namespace !== namespace) return [];
    const refused = counts.responses.reduce(
      (sum, { code, count }) => sum + (code === 401 || code === 403 ? count : 0),
      0,
    );
    const requests = counts.requests - refused + Math.max(counts.opened, Math.sign(counts.openTime));
    return requests <= 0
      ? []
      : [{ identity: edge.source.identity, service: `${namespace}/${edge.service.name}`, requests, lastSeen }];
  });

/** Keys of Services that a workload stands behind. */
function runningServices(objects: readonly StoredObject[], namespace: string): string[] {
  const here = objects.filter(({ metadata }) => metadata.namespace === namespace);
  const workloads = here.filter((object): object is Workload => object.kind === 'Workload');
  return here
    .filter((object): object is Service => object.kind === 'Service')
    .filter(({ spec: { selector } }) => {
      const labels = Object.entries(selector ?? {});
      return (
        labels.length > 0 &&
        workloads.some(({ metadata }) => labels.every(([key, value]) => metadata.labels[key] === value))
      );
    })
    .map(({ metadata: { name } }) => `${namespace}/${name}`)
    .toSorted();
}
