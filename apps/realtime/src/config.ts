import {
  clientSettings,
  commandSettings,
  issuerSettings,
  listenSettings,
  originSettings,
  redisSettings,
  serviceUrlSettings,
  shardSettings,
} from '@chatapp/service/common-settings';
import { integer } from '@chatapp/service/config';

const { bffUrls, conversationsUrls, messagesUrls } = serviceUrlSettings;

export const settings = {
  ...listenSettings(3003),
  ...redisSettings,
  ...issuerSettings,
  ...clientSettings('realtime'),
  ...originSettings,
  ...shardSettings,
  ...commandSettings,
  bffUrls,
  conversationsUrls,
  messagesUrls,
  sessionSweepSeconds: integer('SESSION_SWEEP_SECONDS', {
    about: 'how often the sessions of open sockets are looked up at the BFF, seconds',
    default: 45,
    min: 1,
    max: 50,
  }),
  headsSweepSeconds: integer('HEADS_SWEEP_SECONDS', {
    about: 'how often positions are held against the database, so that the loss of a last publish is found, seconds',
    default: 30,
    min: 1,
    max: 30,
  }),
};
