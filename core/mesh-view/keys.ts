/** The keys of the view's tables. Names of objects hold no `/`, so joined keys are unambiguous. */

/** `namespace/name`, of a Service or a Workload. */
export const objectKey = (namespace: string, name: string): string => `${namespace}/${name}`;

/** `namespace/service/port`: one port of a service, by its number. */
export const portKey = (service: string, port: number): string => `${service}/${port}`;

/** One port of a workload, by the number its application listens on. */
export const workloadPortKey = (workload: string, port: number): string => `${workload}/${port}`;

/** The inverse of `workloadPortKey`. */
export function parseWorkloadPortKey(key: string): { readonly workload: string; readonly port: number } {
  const slash = key.lastIndexOf('/');
  return { workload: key.slice(0, slash), port: Number(key.slice(slash + 1)) };
}

/** The inverse of `portKey`. */
export function parsePortKey(key: string): { readonly service: string; readonly port: number } {
  const slash = key.lastIndexOf('/');
  return { service: key.slice(0, slash), port: Number(key.slice(slash + 1)) };
}

export const namespaceOf = (key: string): string => key.slice(0, key.indexOf('/'));
export const nameOf = (key: string): string => key.slice(key.indexOf('/') + 1);

/** The only key of the tables that hold one row. */
export const ONLY = '';

/** Keys of the tables of policies: what a policy targets. */
export const targetKey = {
  mesh: 'Mesh',
  namespace: (namespace: string): string => `Namespace/${namespace}`,
  workload: (workload: string): string => `Workload/${workload}`,
  service: (service: string): string => `Service/${service}`,
  port: (service: string, port: number): string => `Service/${service}/${port}`,
  /** `route`: `Kind/namespace/name`, the route's own key; its rule comes before it. */
  rule: (route: string, rule: string): string => `${route}/${rule}`,
  gateway: (gateway: string): string => `Gateway/${gateway}`,
  /** `listener`: `namespace/gateway/listener`, the listener's own key. */
  listener: (listener: string): string => `Gateway/${listener}`,
};

/** Order of names everywhere: by UTF-16 code unit, independent of locale. */
export const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
