/** Who works in the demo's Slack; the catalogue names the groups, so who may approve is decided as in a real workspace. */
export const people = [
  { name: 'mira', realName: 'Mira Okafor', title: 'On-call engineer' },
  { name: 'kenji', realName: 'Kenji Watanabe', title: 'Accounts team' },
  { name: 'lena', realName: 'Lena Brandt', title: 'Checkout team' },
  { name: 'tomas', realName: 'Tomás Rivera', title: 'Support' },
];

export const approver = 'mira';

export const onCallGroup = { handle: 'oncall', name: 'On-call engineers', users: ['mira', 'lena'] };
