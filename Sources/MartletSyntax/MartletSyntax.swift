// MartletSyntax
