/** Where a Prometheus finds the proxies to scrape: its HTTP service discovery (`http_sd_configs`), from the Workloads that are registered. */
import { answer, type ExtraRoute, hasRole } from '@weft/control/api';
import type { Plane } from '@weft/control/plane';
import { isLoopback, parseIp } from '@weft/core/kernel';
import type { StoredObject, Workload } from '@weft/core/resources';
import { formatHostPort } from './addresses.ts';

/** One element of Prometheus' `http_sd` answer. */
export interface ScrapeTarget {
  readonly targets: readonly [address: string];
  /** `__meta_weft_*`: for relabelling, gone afterwards. */
  readonly labels: Readonly<Record<string, string>>;
}

export const scrapeTargetPages = (plane: Plane): ExtraRoute[] => [
  {
    method: 'GET',
    path: '/weft/v1/prometheus/targets',
    allowed: (user) => hasRole(user, 'view'),
    run: () => answer(scrapeTargets(plane.objects.objects, (namespace) => plane.meshOf(namespace)?.mesh ?? '')),
  },
];

/** Every proxy that serves metrics where others can read them. One on loopback is a target if all of its host is: then the mesh is one machine. */
export function scrapeTargets(
  objects: Iterable<StoredObject>,
  meshOf: (namespace: string) => string,
): readonly ScrapeTarget[] {
  const targets: ScrapeTarget[] = [];
  for (const object of objects) {
    if (object.kind !== 'Workload') continue;
    const { metadata, spec } = object as Workload;
    const address = addressOf(spec);
    if (address === undefined) continue;
    targets.push({
      targets: [address],
      labels: {
        __meta_weft_namespace: metadata.namespace,
        __meta_weft_workload: metadata.name,
        __meta_weft_app: metadata.labels['app'] ?? '',
        __meta_weft_version: metadata.labels['version'] ?? '',
        __meta_weft_account: spec.account,
        __meta_weft_mesh: meshOf(metadata.namespace),
        __meta_weft_zone: spec.locality.zone,
      },
    });
  }
  return targets.sort((a, b) => (a.targets[0] < b.targets[0] ? -1 : 1));
}

function addressOf({ metrics, addresses }: Workload['spec']): string | undefined {
  if (metrics === undefined) return undefined;
  const own = parseIp(metrics.ip);
  const [first] = addresses;
  if (own === undefined || first === undefined) return undefined;
  const { port } = metrics;
  if (own.bytes.every((byte) => byte === 0)) return formatHostPort({ host: first.ip, port });
  if (!isLoopback(own)) return formatHostPort({ host: metrics.ip, port });
  const outer = parseIp(first.ip);
  return outer !== undefined && isLoopback(outer) ? formatHostPort({ host: metrics.ip, port }) : undefined;
}
