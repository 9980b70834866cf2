import { debianPackages } from './debian-packages.mjs';
import { buildHostBaseImage } from './host-base-image.mjs';
import { buildDebianImage } from './host-debian-image.mjs';
import { buildHostPostgresImage } from './host-postgres-image.mjs';
import { buildHostRedisImage } from './host-redis-image.mjs';

/**
 * @typedef {object} ImageRecipe
 * @property {string} title what it is for, as a person knows it
 * @property {string} registryBase what it is built from where a registry answers
 * @property {string} setting the variable that names another base
 * @property {(tag: string, nodePath: string) => Promise<void>} buildHostBase from this machine's own programs or packages
 * @property {readonly string[]} hostArguments of the build from those: nothing is left to install
 * @property {string} without what the demo does when it is missing
 */

/** @type {Readonly<Record<import('./sandbox-image.mjs').ImageKind, ImageRecipe>>} */
export const imageRecipes = {
  node: {
    title: 'sandbox for Node services',
    registryBase: 'node:24-bookworm-slim',
    setting: 'SANDBOX_BASE_IMAGE',
    buildHostBase: buildHostBaseImage,
    hostArguments: ['APT_PACKAGES='],
    without: 'going on read-only: agents run no code',
  },
  python: {
    title: 'sandbox for Python services',
    registryBase: 'python:3.13-slim-bookworm',
    setting: 'SANDBOX_PYTHON_BASE_IMAGE',
    buildHostBase: (tag) => buildDebianImage(tag, debianPackages.python),
    hostArguments: ['APT_PACKAGES=', 'PIP_PACKAGES='],
    without: 'going on: agents read Python services and run none of their code',
  },
  go: {
    title: 'sandbox for Go services',
    registryBase: 'golang:1.25-bookworm',
    setting: 'SANDBOX_GO_BASE_IMAGE',
    buildHostBase: (tag) => buildDebianImage(tag, debianPackages.go),
    hostArguments: ['APT_PACKAGES=', 'GO_PACKAGES='],
    without: 'going on: agents read Go services and run none of their code',
  },
  java: {
    title: 'sandbox for Java services',
    registryBase: 'maven:3-eclipse-temurin-21',
    setting: 'SANDBOX_JAVA_BASE_IMAGE',
    buildHostBase: (tag) => buildDebianImage(tag, debianPackages.java),
    hostArguments: ['APT_PACKAGES='],
    without: 'going on: agents read Java services and run none of their code',
  },
  postgres: {
    title: 'PostgreSQL for trying indexes and for code under test',
    registryBase: 'postgres:17-bookworm',
    setting: 'SANDBOX_POSTGRES_BASE_IMAGE',
    buildHostBase: buildHostPostgresImage,
    hostArguments: ['APT_PACKAGES='],
    without: 'going on: indexes are planned without a trial',
  },
  redis: {
    title: 'Redis for code under test',
    registryBase: 'redis:7-bookworm',
    setting: 'SANDBOX_REDIS_BASE_IMAGE',
    buildHostBase: buildHostRedisImage,
    hostArguments: ['APT_PACKAGES='],
    without: 'going on: code under test has no Redis',
  },
};
