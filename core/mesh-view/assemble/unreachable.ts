/** Services of which is known without anything running that they lead nowhere. */
import type { Diagnostic } from '../../kernel/index.ts';
import { objectName, type Service } from '../../resources/index.ts';
import { portKey } from '../keys.ts';
import { keyOf } from './objects.ts';
import type { Routes } from './routes.ts';

/** Services that lead nowhere whatever runs: they select nothing and no route is attached to them. */
export const unreachable = (services: readonly Service[], { httpRules, tcpRule }: Routes): Diagnostic[] =>
  services
    .filter((service) => {
      if (Object.keys(service.spec.selector ?? {}).length > 0) return false;
      const keys = service.spec.ports.map(({ port }) => portKey(keyOf(service), port));
      return !keys.some((key) => httpRules.has(key) || tcpRule.has(key));
    })
    .map(({ metadata: { namespace, name } }) => ({
      severity: 'warning',
      code: 'no-selector',
      message: 'it has no selector: no workload stands behind it, and each request to it fails',
      place: { object: objectName('Service', namespace, name), path: 'spec.selector' },
      remedy: `select workloads by their labels, as \`selector: { app: ${name} }\`, or attach a route`,
    }));
