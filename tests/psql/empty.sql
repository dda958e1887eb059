-- What Weft has none of.
\di
\ds
\dm
\dE
\dD
\dF nosuch
\dFd nosuch
\dFp nosuch
\dFt nosuch
\dP
\dX
\dy
\dl
\des
\dew
\det
\deu
\dRp
\dRs
\dAc
\dAf
\dAo
\dAp
\dd
