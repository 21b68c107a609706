// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IDealEvaluator} from "../../../contracts/interfaces/IDealEvaluator.sol";
import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";

/// Evaluators with one mistake each. Evidence is `abi.encode(word, bonus)`.
abstract contract Careless is IDealEvaluator {
    function opens(bytes calldata evidence, bytes32 lock) internal pure returns (bool) {
        return evidence.length >= 64 && keccak256(evidence[:32]) == lock;
    }
}

/// @dev The word of one deal opens all.
contract OneWordForAll is Careless {
    function evaluate(
        bytes32,
        IEscrow.Terms calldata terms,
        uint128,
        bytes calldata evidence
    ) external pure returns (uint128, bool) {
        require(opens(evidence, keccak256(abi.encode(uint256(7)))), "closed");
        return (terms.amount, true);
    }
}

/// @dev Takes a second value that nobody agreed on.
contract TakesABonus is Careless {
    function evaluate(
        bytes32,
        IEscrow.Terms calldata terms,
        uint128,
        bytes calldata evidence
    ) external pure returns (uint128, bool) {
        require(opens(evidence, terms.details), "closed");
        uint256 bonus = uint256(bytes32(evidence[32:64]));
        return (bonus == 0 ? terms.amount / 2 : terms.amount, true);
    }
}

/// @dev Goes by who sent the transaction.
contract AsksForTheSender is Careless {
    function evaluate(
        bytes32,
        IEscrow.Terms calldata terms,
        uint128,
        bytes calldata evidence
    ) external view returns (uint128, bool) {
        // solhint-disable-next-line avoid-tx-origin
        require(opens(evidence, terms.details) && tx.origin != terms.payee, "closed");
        return (terms.amount / 2, true);
    }
}

/// @dev Decides otherwise when it has more gas.
contract TellsItsGas is Careless {
    function evaluate(
        bytes32,
        IEscrow.Terms calldata terms,
        uint128,
        bytes calldata evidence
    ) external view returns (uint128, bool) {
        require(opens(evidence, terms.details), "closed");
        return (gasleft() > 1_000_000 ? terms.amount : terms.amount / 2, true);
    }
}

/// @dev Loops until it has used more than it should.
contract WorksHard is Careless {
    function evaluate(
        bytes32,
        IEscrow.Terms calldata terms,
        uint128,
        bytes calldata evidence
    ) external view returns (uint128, bool) {
        require(opens(evidence, terms.details), "closed");
        uint256 start = gasleft();
        while (start - gasleft() < 450_000) {}
        return (terms.amount / 2, true);
    }
}

/// @dev Leaves the decision to other code.
contract Delegates {
    address private immutable other;

    constructor(address other_) {
        other = other_;
    }

    fallback() external {
        address to = other;
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), to, 0, calldatasize(), 0, 0x40)
            if iszero(ok) {
                revert(0, 0)
            }
            return(0, 0x40)
        }
    }
}
