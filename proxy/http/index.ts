/** The engine's HTTP half (ports.ts HttpPath): requests from accepted connections to upstream endpoints and back. */
import type { RouteConfiguration } from '@weft/core/proxy-config';
import type { EngineRuntime, HttpPath } from '../ports.ts';
import { RoutePlans } from '../router/index.ts';
import { HttpConnections } from './connections.ts';
import { HttpShared, ManagerContext } from './manager-context.ts';

export function createHttpPath(runtime: EngineRuntime): HttpPath {
  const shared = new HttpShared(runtime);
  return {
    compileRoutes(configuration: RouteConfiguration) {
      const faults: string[] = [];
      const routes = new RoutePlans(configuration, runtime.counters, (fault) => faults.push(fault), runtime.values);
      return faults.length > 0 ? { faults } : { routes };
    },
    createManager: (manager, setting) => new HttpConnections(new ManagerContext(manager, setting, runtime, shared)),
  };
}
