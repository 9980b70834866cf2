/** Who works at the shop. Commits are theirs. */
export const people = {
  maya: { name: 'Maya Lindqvist', email: 'maya.lindqvist@harborline.example' },
  tomasz: { name: 'Tomasz Zielinski', email: 'tomasz.zielinski@harborline.example' },
  priya: { name: 'Priya Raman', email: 'priya.raman@harborline.example' },
  kenji: { name: 'Kenji Watanabe', email: 'kenji.watanabe@harborline.example' },
  diego: { name: 'Diego Ferreira', email: 'diego.ferreira@harborline.example' },
  hannah: { name: 'Hannah Vogel', email: 'hannah.vogel@harborline.example' },
} as const;

export type PersonId = keyof typeof people;
