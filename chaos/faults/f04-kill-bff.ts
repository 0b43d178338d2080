import type { Fault } from '../fault.ts';
import { killAgainAndAgain } from './kill.ts';

/** Clients reach the BFFs through a balancer, which passes over the one that refuses. */
export const killBff: Fault = {
  id: 'F4',
  title: 'kill -9 of one BFF of two behind a balancer, again and again',
  edges: ['client>bff'],
  recoveryMsMax: 5000,
  resumeP99MsMax: 5000,
  // What was in flight breaks off without an answer; whoever asks again is answered by the other one.
  serverErrorsMax: 0,
  unansweredMax: 0,
  inject: (chaos) => killAgainAndAgain(chaos, 'bff', chaos.isShort ? 3 : 20),
};
