/**
 * What the admin pages say of a process that replaced another: its own numbers, and what those before it had counted. As Envoy: counters go on over a
 * restart; a gauge of what is open counts the draining process as long as it lives.
 */
import type { AdminSubject } from '@weft/proxy/admin';
import { mergeReports } from '@weft/proxy/admin/report';
import type { Families } from './messages.ts';
import type { Predecessor } from './predecessor.ts';

export function carriedOn(subject: AdminSubject, predecessor: Predecessor): AdminSubject {
  /** After a reset what others counted is over. */
  let counts = true;
  return {
    get state() {
      return subject.state;
    },
    get age() {
      return subject.age;
    },
    get now() {
      return subject.now;
    },
    get config() {
      return subject.config;
    },
    concurrency: subject.concurrency,
    material: subject.material,
    traffic: subject.traffic,
    epochs: { epoch: predecessor.epoch, firstStart: predecessor.firstStart },
    async report() {
      const [own, before] = await Promise.all([subject.report(), predecessor.statistics()]);
      const families = countsOn(before, !predecessor.over).filter(({ type }) => counts || type !== 'counter');
      return mergeReports([own, { families, clusters: [], listeners: [] }]);
    },
    tap: (request, shown, missed) => subject.tap(request, shown, missed),
    reopenLogs: () => subject.reopenLogs(),
    resetCounters() {
      counts = false;
      subject.resetCounters();
    },
    failHealth: (failing) => subject.failHealth(failing),
    drain: (timeoutMs, direction, passedOn) => subject.drain(timeoutMs, direction, passedOn),
  };
}

const countsOn = (families: Families, lives: boolean): Families =>
  families.filter(({ type, name }) => type !== 'gauge' || (lives && /_(?:cx|rq|sess)_active$/.test(name)));
