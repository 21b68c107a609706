// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title The token of a local network
/// @notice Anyone may mint any amount: it stands for a stablecoin on a chain that nobody else uses. Never deployed elsewhere.
contract LocalToken is ERC20Permit {
    constructor() ERC20("Teahouse local token", "TEA") ERC20Permit("Teahouse local token") {}

    /// @notice Creates `amount` of the smallest unit for `to`.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @notice Six, like the dollar stablecoins.
    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
