import { startLocalSlack } from './local-slack.ts';

const slack = await startLocalSlack({
  port: Number(process.env.LOCAL_SLACK_PORT ?? 4100),
  signingSecret: process.env.SLACK_SIGNING_SECRET ?? 'local-signing-secret',
  botToken: process.env.SLACK_BOT_TOKEN ?? 'xoxb-local',
  ...(process.env.SLACK_EVENTS_URL ? { eventsUrl: process.env.SLACK_EVENTS_URL } : {}),
  workspaceName: 'Acme',
  users: [
    { name: 'mira', realName: 'Mira Okafor', title: 'Incident commander' },
    { name: 'jonas', realName: 'Jonas Weber', title: 'Backend engineer' },
    { name: 'aiko', realName: 'Aiko Tanaka', title: 'Site reliability engineer' },
  ],
  userGroups: [{ handle: 'approvers', name: 'Approvers', users: ['mira', 'aiko'] }],
});

console.log(`Local Slack (our own stand-in, not Slack)
  page      ${slack.pageUrl}
  Web API   ${slack.apiUrl}   (clientOptions.slackApiUrl)
  Stop with Ctrl-C.`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void slack.stop().then(() => process.exit(0));
  });
}
