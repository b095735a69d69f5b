#!/usr/bin/env node
import { CommanderError } from 'commander';
import { CannotLook } from './cannotLook.ts';
import { createProgram } from './program.ts';

const couldNotLook = 2;

try {
  await createProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : couldNotLook;
  else if (error instanceof CannotLook) {
    process.exitCode = couldNotLook;
    process.stderr.write(`heddle: ${error.message}\n`);
  } else throw error;
}
