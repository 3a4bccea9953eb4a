"""A command that does work of its own and has subcommands: ``grade FOLDER``, ``grade doctor``."""

import click

__all__ = ["CommandGroup"]


class CommandGroup(click.Group):
    """A command that runs a subcommand when its first argument is the name of one.

    A folder that has the name of a subcommand can be given as ``./doctor``.
    """

    allow_extra_args = False
    allow_interspersed_args = True  # options may follow arguments, as in any other command

    def __init__(self, *args, **kwargs):
        super().__init__(
            *args,
            invoke_without_command=True,
            no_args_is_help=False,
            subcommand_metavar="",
            **kwargs,
        )

    def make_context(self, info_name, args, parent=None, **extra):
        if args and args[0] in self.commands:
            name = f"{info_name} {args[0]}"
            return self.commands[args[0]].make_context(name, args[1:], parent=parent, **extra)
        return super().make_context(info_name, args, parent=parent, **extra)

    def invoke(self, ctx):
        return super().invoke(ctx) if ctx.command is self else ctx.command.invoke(ctx)
