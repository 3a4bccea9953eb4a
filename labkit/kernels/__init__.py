"""Kernels that start warm, and boxes that hold them.

``zygote`` is a process that has imported TensorFlow and forks kernels, ``provisioner`` hands those
to whatever starts kernels through jupyter_client (nbval, nbclient, JupyterLab), ``box`` is a
bubblewrap sandbox that a fork enters before anything else runs in it, ``harden`` what it gives up
on the way. Nothing here knows what runs in the kernels.
"""
